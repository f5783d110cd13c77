"""Who is looked at next, within which budgets. It never looks itself."""
