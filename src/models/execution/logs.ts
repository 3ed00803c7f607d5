/** The loss and the metrics by name; of validation with `val` in front: `valLoss`, `valAccuracy`. */
export type Logs = Record<string, number>;
