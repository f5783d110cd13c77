"""Judging pictures: keyframes in, findings out. It opens no stream and decides no feed's state."""
