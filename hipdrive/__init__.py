"""The command `hipdrive`: runs a study, and the commands of the stages, each in its own process."""
