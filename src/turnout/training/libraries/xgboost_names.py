"""The parameters of XGBoost 3 beyond its constructors, from its reference of parameters."""

NAMES = frozenset(
    """
    alpha eta gamma lambda lambda_bias max_delta_step min_split_loss nthread num_parallel_tree reg_alpha
    reg_lambda refresh_leaf process_type sketch_ratio updater feature_selector top_k sample_type
    normalize_type rate_drop one_drop skip_drop tweedie_variance_power huber_slope quantile_alpha
    max_cached_hist_node seed seed_per_iteration num_class extmem_single_page max_bin scale_pos_weight
    """.split()  # noqa: SIM905  a list would take a page
)

# those whose values are texts; all others take numbers
TEXTS = frozenset(
    """
    booster device eval_metric feature_selector grow_policy importance_type interaction_constraints
    monotone_constraints normalize_type objective sample_type sampling_method tree_method updater
    """.split()  # noqa: SIM905  a list would take a page
)

ALIASES = {
    "eta": "learning_rate",
    "lambda": "reg_lambda",
    "alpha": "reg_alpha",
    "min_split_loss": "gamma",
    "nthread": "n_jobs",
    "seed": "random_state",
    "num_boost_round": "n_estimators",
    "num_round": "n_estimators",
    "n_trees": "n_estimators",
}

REFUSED = {
    "callbacks": "can't be given in SQL",
    "early_stopping_rounds": "needs rows to stop by, and all rows but the test part are trained on",
    "enable_categorical": "is not supported: text columns are encoded before the fit",
    "feature_types": "is not supported: text columns are encoded before the fit",
    "max_cat_to_onehot": "is not supported: text columns are encoded before the fit",
    "max_cat_threshold": "is not supported: text columns are encoded before the fit",
    "num_class": "is found from the target",
    "multi_strategy": "is for several targets",
    "process_type": "is not supported: a fit begins without an earlier model",
    "refresh_leaf": "is not supported: a fit begins without an earlier model",
}
