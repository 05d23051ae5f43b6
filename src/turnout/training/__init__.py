"""Training: from columns of a relation to a checked artifact, in a process of its own."""
