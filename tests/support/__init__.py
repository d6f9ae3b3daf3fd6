"""What several tests need: judges that share nothing with boundgen, drawn models, and the command line."""
