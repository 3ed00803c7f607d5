type Fields = Readonly<Record<string, unknown>>;

/**
 * The form of an architecture in a legacy `.h5` file of Keras 3, as the attribute `model_config`. It has no modules of the
 * model and its layers, and no shapes for which they are built.
 *
 * @param model what `writeModelConfig` gives
 */
export function legacyModelConfig(model: object): object {
  const { class_name, config } = model as { class_name: string; config: Fields };
  const layers = (config.layers as Fields[]).map((layer) => ({ class_name: layer.class_name, config: layer.config }));
  return { class_name, config: { ...config, layers } };
}

/**
 * The form of what a model was compiled with in a legacy file, as the attribute `training_config`.
 *
 * @param compile what `writeCompileConfig` gives for a model that was compiled
 */
export function legacyTrainingConfig(compile: object): object {
  const { optimizer, ...others } = compile as { optimizer: Fields };
  return { ...others, optimizer_config: { class_name: optimizer.class_name, config: optimizer.config } };
}
