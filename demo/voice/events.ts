import { PictureState } from '../page/address.ts';
import { takeDrops } from '../page/drop-zone.ts';
import { JobControl, type WorkContext } from '../page/job-control.ts';
import { wantsNoMotion } from '../page/motion.ts';
import { readAudio } from './audio-file.ts';
import * as data from './data.ts';
import { listen, type Pieces, piecesOf } from './listen.ts';
import { VoiceMarks } from './marks.ts';
import { microphone } from './microphone.ts';
import { Recording } from './recording.ts';
import { CHUNK, CHUNKS_PER_SECOND } from './sound.ts';
import { stretchesOf } from './speech.ts';
import { syntheticVoice } from './synthetic-voice.ts';

/** The seed and the seconds of the voice for those who have no other. */
const SAMPLE = [1, 12] as const;

type Source = 'microphone' | 'file' | 'sample';

/** The page on which a detector finds speech in what a microphone hears, in a file, or in a voice that is made up. */
export function mountVoice(root: HTMLElement): void {
  const part = <Part extends HTMLElement>(selector: string): Part => root.querySelector<Part>(selector)!;
  const marks = new VoiceMarks(root);
  const file = part<HTMLInputElement>('[name=file]');
  const threshold = part<HTMLInputElement>('[name=threshold]');
  const labels = { microphone: 'Listen to the microphone', file: 'Hear the file', sample: 'Hear a made-up voice' };
  const control = new JobControl<Source>(labels, run);
  part('.run').append(control.element);

  /** The sound of the file that was opened last. */
  let opened: Float32Array | undefined;
  let recording = new Recording();
  /** How many chunks the picture has room for; `undefined` while a microphone goes on, of which it shows the end. */
  let room: number | undefined = data.WINDOW * CHUNKS_PER_SECOND;
  let isHearing = false;

  Object.assign(threshold, { min: data.LOWEST, max: data.HIGHEST, step: data.STEP });
  threshold.addEventListener('input', () => state.change({ threshold: threshold.valueAsNumber }));
  file.addEventListener('change', () => void open(file.files?.[0]));
  takeDrops(part('.drop-zone'), ([dropped]) => void open(dropped));
  control.starts.file.hidden = true;

  const state = new PictureState<data.VoiceSettings>(
    'voice',
    data.FIRST_SETTINGS,
    data.settingsNotation,
    (settings) => {
      threshold.value = String(settings.threshold);
      part('.threshold').textContent = settings.threshold.toFixed(2);
      show(settings);
    },
  );

  function show(settings: data.VoiceSettings): void {
    const stretches = stretchesOf(recording.probabilities, settings.threshold);
    const view = room === undefined ? data.viewOfEnd(recording, wantsNoMotion()) : { from: 0, to: room };
    marks.draw(recording, stretches, settings, view);
    part('.verdict').textContent = isHearing ? '' : data.verdictWords(recording, stretches);
  }

  async function open(chosen: File | undefined): Promise<void> {
    if (!chosen) return;
    const summary = part('.summary');
    const read = await readAudio(chosen).catch((error: Error) => error);
    const isRead = read instanceof Float32Array;
    opened = isRead ? read : undefined;
    control.starts.file.hidden = !isRead;
    summary.textContent = isRead ? data.fileWords(chosen.name, read.length) : read.message;
    summary.toggleAttribute('data-problem', !isRead);
  }

  function piecesFrom(source: Source, signal: AbortSignal): Pieces {
    if (source === 'microphone') {
      room = undefined;
      return microphone(signal);
    }
    const samples = source === 'file' ? opened! : syntheticVoice(...SAMPLE);
    room = Math.floor(samples.length / CHUNK);
    return piecesOf(samples);
  }

  async function run({ signal, tell }: WorkContext, source: Source): Promise<void> {
    recording = new Recording();
    isHearing = true;
    const pieces = piecesFrom(source, signal);
    marks.tell(recording);
    show(state.value);
    try {
      tell({ doing: 'Loading the detector …' });
      await listen(pieces, recording, signal, () => {
        const fraction = room && recording.probabilities.length / room;
        tell({ doing: data.progressWords(recording, state.value), fraction });
        show(state.value);
      });
    } finally {
      isHearing = false;
      // All that the microphone heard is in sight now.
      room ??= Math.max(recording.probabilities.length, CHUNKS_PER_SECOND);
      marks.tell(recording);
      show(state.value);
    }
  }
}
