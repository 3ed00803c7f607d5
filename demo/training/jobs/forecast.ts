import type { Model } from '../../../src/index.ts';
import { standardize, statefulBatches, windows, type Standardization } from '../../../src/preprocessing/index.ts';
import type { ForecastPlan, ForecastSettings } from '../../lab/numbers/plan.ts';
import { forecastModel } from './lab-models.ts';
import { type CompilingNews, tellCompiling } from './compiling.ts';
import type { JobContext } from './job-context.ts';
import { keepModel } from './kept-models.ts';

export interface ForecastOptions {
  series: readonly number[];
  settings: ForecastSettings;
  plan: ForecastPlan;
}

export interface ForecastNews extends CompilingNews {
  /** The epochs done so far, and the mean squared error over the last of them, in deviations of the series. */
  epochs?: number;
  loss?: number;
  /** Forecasts of the held-out values by the network as it is now. */
  forecast?: number[];
}

export interface ForecastResult {
  forecast: number[];
  /** The mean of the series, which values are less when they go into the network, and the deviation that divides them then. */
  scale: { mean: number; deviation: number };
  epochs: number;
  seconds: number;
}

/** The pause between two forecasts of a network that still learns, and that between two pieces of news. */
const [LOOK_MS, NEWS_MS] = [700, 50];

/** Learns from the first values of a series and forecasts the last ones, each from the true values before it. */
export async function forecast(context: JobContext<ForecastNews>, options: ForecastOptions): Promise<ForecastResult> {
  const { gpu, signal, tell } = context;
  const { settings, plan, series } = options;
  const scale = standardize(series.slice(0, plan.training));
  const scaled = scale.apply(series).data;
  const model = await forecastModel(gpu, settings, plan.batchSize);
  const look = (from: Pick<Model, 'predict'>): Promise<number[]> => lookAhead(from, scaled, scale, options);
  const begun = performance.now();
  let [epochs, looked, told] = [0, begun, 0];
  try {
    const { x, y, ...order } = samplesOf(scaled.subarray(0, plan.training), settings, plan);
    const training = model.fit(x, y, {
      ...order,
      epochs: settings.epochs,
      signal,
      callbacks: [
        {
          async onEpochEnd(epoch, { loss }, model) {
            epochs = epoch + 1;
            const isLast = epochs === settings.epochs;
            if (isLast || performance.now() - told >= NEWS_MS) {
              tell({ epochs, loss });
              told = performance.now();
            }
            if (isLast || performance.now() - looked < LOOK_MS) return;
            tell({ forecast: await look(model) });
            looked = performance.now();
          },
        },
      ],
      onProgress: (progress) => tellCompiling(progress, tell),
    });
    // Whoever stops after an epoch or more gets the forecast of what was learned by then.
    await training.catch((error: unknown) => {
      if (!signal.aborted || epochs === 0) throw error;
    });
    const seconds = (performance.now() - begun) / 1000;
    model.resetStates();
    const forecast = await look(model);
    keepModel('forecast', gpu, model);
    const [mean, deviation] = [scale.mean[0], scale.deviation[0]];
    return { forecast, scale: { mean, deviation }, epochs, seconds };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The samples to learn from, and how `fit` is to take them. */
function samplesOf(scaled: Float32Array, { memory, window }: ForecastSettings, { batchSize }: ForecastPlan) {
  if (memory === 'stateful') return statefulBatches([scaled], { batchSize, timesteps: window });
  return { ...windows(scaled, { length: window }), batchSize };
}

/** Forecasts of the held-out values: by a stateful model, which must be at its beginning, or from the window before each. */
async function lookAhead(
  model: Pick<Model, 'predict'>,
  scaled: Float32Array,
  scale: Standardization,
  { settings: { memory, window }, plan: { training, heldOut } }: ForecastOptions,
): Promise<number[]> {
  if (memory === 'stateless') {
    const { x } = windows(scaled.subarray(training - window), { length: window });
    return Array.from(scale.invert(await model.predict(x)).data);
  }
  // Pieces of the same length that end right before the last value.
  const first = (scaled.length - 1) % window;
  const { x } = windows(scaled.subarray(first), { length: window, stride: window });
  return Array.from(scale.invert(await model.predict(x, { batchSize: 1 })).data.slice(-heldOut));
}
