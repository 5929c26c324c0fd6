"""Records made into documents: numbered, drawn once, kept byte for byte (R59)."""
