import type { rng } from '../../harness/random.ts';

/**
 * A long signal that is speech in places to a detector: pulses of a throat, with resonances that change, between pauses and noise.
 *
 * @param rate samples per second
 */
export function syntheticVoice(random: ReturnType<typeof rng>, seconds: number, rate: number): Float32Array {
  const signal = new Float32Array(seconds * rate);
  let [phase, first, second] = [0, [0, 0], [0, 0]];
  const resonance = (state: number[], input: number, frequency: number, width: number): number => {
    const radius = Math.exp((-Math.PI * width) / rate);
    const value = input + 2 * radius * Math.cos((2 * Math.PI * frequency) / rate) * state[0] - radius ** 2 * state[1];
    [state[1], state[0]] = [state[0], value];
    return value;
  };
  const shift = random.uniform(0, 6);
  signal.forEach((_, n) => {
    const time = n / rate + shift;
    const pitch = 120 + 40 * Math.sin(2 * time) + 10 * Math.sin(17 * time);
    phase += pitch / rate;
    const isVoiced = Math.sin(1.1 * time) > -0.2;
    const pulse = phase >= 1 ? 1 : 0;
    phase %= 1;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 4 * time));
    const source = (isVoiced ? pulse * syllable : 0) + 0.01 * random.normal();
    const low = resonance(first, source, 500 + 250 * Math.sin(5 * time), 80);
    const high = resonance(second, source, 1500 + 600 * Math.sin(7 * time), 120);
    signal[n] = 0.04 * low + 0.03 * high + 0.001 * random.normal();
  });
  return signal;
}
