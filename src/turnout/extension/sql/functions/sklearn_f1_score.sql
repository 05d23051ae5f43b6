-- The f1 score of predicted classes: of class 1 where there are no more than two, else the average over all.
create function pgml.sklearn_f1_score(ground_truth real[], y_hat real[]) returns real
language sql immutable strict parallel safe
return (pgml.sklearn_classification_metrics($1, $2, 0) ->> 'f1')::real;
