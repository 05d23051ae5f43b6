"""The HTTP service: spaces, assets, online deployments and predictions, in Watson Machine Learning's shapes."""
