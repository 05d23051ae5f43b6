"""What a prediction needs: the artifact, its preprocessing and its predictor. Imports little, by design."""
