/** The series that the lab begins with, as a program makes it; a test compares it with `sampleSeries`. */
export const SAMPLE_CODE = `// Passengers in each hour of six weeks: few at night, more on the last two days of a week.
const noise = (hour) => Math.sin(hour * 12.9898) * 43758.5453 % 1;
const series = Array.from({ length: 1008 }, (_, hour) => {
  const day = Math.max(0, Math.sin((2 * Math.PI * (hour - 8)) / 24));
  const week = Math.floor(hour / 24) % 7 < 5 ? 60 : 140;
  return Math.max(0, Math.round(10 + week * day + 8 * noise(hour)));
});`;

/** The passengers in each hour of six weeks. */
export function sampleSeries(): number[] {
  const noise = (hour: number): number => (Math.sin(hour * 12.9898) * 43758.5453) % 1;
  return Array.from({ length: 1008 }, (_, hour) => {
    const day = Math.max(0, Math.sin((2 * Math.PI * (hour - 8)) / 24));
    const week = Math.floor(hour / 24) % 7 < 5 ? 60 : 140;
    return Math.max(0, Math.round(10 + week * day + 8 * noise(hour)));
  });
}

/** The column of the sample that is forecast. */
export const SAMPLE_NAME = 'passengers';

/** The sample as a file of two columns. */
export function sampleCsv(): string {
  return [`hour,${SAMPLE_NAME}`, ...sampleSeries().map((passengers, hour) => `${hour},${passengers}`)].join('\n');
}

/** Hours of a day, after which the sample looks alike. */
export const SAMPLE_SEASON = 24;
