/** The streams that move from the beginning, and the seats for forks of them. */
export const [STREAMS, FORKS] = [1000, 24];

/** Places in the picture, each with a slot of the network. */
export const SEATS = STREAMS + FORKS;

/** Units of the network. */
export const UNITS = 8;

/** How many steps ahead the network forecasts: far enough that it has to know which wave it hears. */
export const AHEAD = 4;

/** The network learns from so many waves of so many steps each. */
export const TRAINING = { waves: 64, timesteps: 64, batchSize: 16, epochs: 100, learningRate: 0.02 };

export const SEED = 1;
