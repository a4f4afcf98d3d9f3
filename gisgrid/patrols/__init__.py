"""Who walked where: check-ins, patrols and the checkpoints they visit."""
