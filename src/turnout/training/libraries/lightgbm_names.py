"""Parameters of LightGBM that its command line has, or that would reach beyond the rows that are trained on."""

_FILES = "reads or writes files or other machines, which a fit from SQL doesn't"

_NAMES = """
    config task data valid input_model output_model saved_feature_importance_type snapshot_freq
    output_result convert_model convert_model_language forcedsplits_filename forcedbins_filename
    save_binary precise_float_parser parser_config_file machines machine_list_filename local_listen_port
    num_machines time_out pre_partition header label_column weight_column group_column ignore_column
    two_round
""".split()  # noqa: SIM905  a list would take a page

REFUSED = dict.fromkeys(_NAMES, _FILES) | {
    "categorical_feature": "is not supported: text columns are encoded before the fit",
    "early_stopping_round": "needs rows to stop by, and all rows but the test part are trained on",
    "num_class": "is found from the target",
}
