"""CatBoost's parameters: their other names, its losses by task, and what a fit from SQL can't have."""

# as catboost.core groups them; the first of each group there is the name here
ALIASES = {
    "eta": "learning_rate",
    "max_bin": "border_count",
    "max_depth": "depth",
    "colsample_bylevel": "rsm",
    "random_state": "random_seed",
    "reg_lambda": "l2_leaf_reg",
    "n_estimators": "iterations",
    "num_boost_round": "iterations",
    "num_trees": "iterations",
    "num_leaves": "max_leaves",
    "min_child_samples": "min_data_in_leaf",
    "objective": "loss_function",
}

# how CatBoost's own messages call them where that is neither the name nor the name with a capital
INSIDE = {"l2_leaf_reg": ("L2LeafRegularizer",)}

# those that give one number, or one probability per class whose sum is 1
LOSSES = {
    "regression": (
        "RMSE", "MAE", "Quantile", "LogLinQuantile", "Poisson", "MAPE", "Lq", "Huber", "Expectile", "Tweedie",
        "LogCosh",
    ),
    "classification": ("Logloss", "CrossEntropy", "MultiClass"),
}  # fmt: skip

_FILES = "reads or writes files, which a fit from SQL doesn't"
_TEXTS = "is not supported: text columns are encoded before the fit"
_STOPS = "needs rows to stop by, and all rows but the test part are trained on"
_GPU = "is for GPUs, and fits run on processors"
_CLASSES = "is found from the target"
_LATER = "can't be given in SQL"

REFUSED = {
    name: reason
    for reason, names in (
        (_FILES, "allow_writing_files input_borders output_borders save_snapshot snapshot_file snapshot_interval"
                 " train_dir fixed_binary_splits"),
        (_TEXTS, "allow_const_label cat_features combinations_ctr counter_calc_method ctr_description"
                 " ctr_history_unit ctr_leaf_count_limit ctr_target_border_count dictionaries"
                 " embedding_features feature_calcers final_ctr_computation_mode max_ctr_complexity"
                 " one_hot_max_size per_feature_ctr simple_ctr store_all_simple_ctr text_features"
                 " text_processing tokenizers"),
        (_STOPS, "best_model_min_trees early_stopping_rounds eval_fraction od_pval od_type od_wait"
                 " use_best_model"),
        (_GPU, "data_partition device_config devices gpu_cat_features_storage gpu_ram_part"
               " pinned_memory_size task_type"),
        (_CLASSES, "class_names classes_count target_border"),
        (_LATER, "callback custom_loss custom_metric metadata"),
    )
    for name in names.split()
}  # fmt: skip
