import { onTestFinished, test } from 'vitest';
import { buildModel } from '../../../src/formats/build-model.ts';
import type { LayerContents } from '../../../src/formats/contents.ts';
import { readTorchWeights } from '../../../src/formats/torch/read-state-dict.ts';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import { torchBidirectionals } from '../../golden/bidirectional.ts';
import { torchLstms, torchPacked, type TorchLstm } from '../../golden/torch-lstm.ts';
import { torchFiles } from '../../golden/torch-modules.ts';
import { safetensorsFile } from '../../unit/formats/safetensors-file.ts';
import { gpu } from '../gpu.ts';
import { array } from '../models/builders/make-model.ts';

const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };

const urls = import.meta.glob<string>('../../golden/files/*.safetensors', {
  query: '?url',
  import: 'default',
  eager: true,
});

async function modelOf(file: Uint8Array<ArrayBuffer>, layers: LayerContents[], { config }: TorchLstm) {
  const architecture = { layers, inputShape: [config.time, config.input_size] };
  const model = await buildModel(gpu, {
    ...architecture,
    weights: await readTorchWeights('test', file, architecture),
  });
  onTestFinished(() => model.dispose());
  return model;
}

const runs = [...torchLstms, ...torchPacked, ...torchBidirectionals];

test.each(torchFiles.map((one) => [one.files[0], one] as const))('%s gives the recorded outputs', async (name, one) => {
  const run = runs.find((each) => each.name === one.run)!;
  const file = new Uint8Array(await (await fetch(urls[`../../golden/files/${name}`])).arrayBuffer());
  const model = await modelOf(file, one.layers, run);
  const { data } = await model.predict(array(run.x.data, run.x.shape));
  expectRecorded(data, run.expected.out.data, { ...close, what: 'outputs of a state_dict' });
});

const packed = runs.filter(({ config }) => config.lengths);

test.each(packed)('a state_dict of $name gives the outputs of packed sequences', async (run) => {
  const { params, config, x, expected } = run;
  const file = safetensorsFile(Object.entries(params).map(([name, given]) => ({ name: `net.rnn.${name}`, ...given })));
  const options = { units: config.hidden_size, returnSequences: true };
  const isBidirectional = 'weight_ih_l0_reverse' in params;
  const layers = isBidirectional
    ? [{ type: 'bidirectional', options: { layer: { type: 'lstm', options } } }]
    : [{ type: 'lstm', options: { ...options, zeroOutputForMask: true } }];
  const model = await modelOf(file, layers, run);
  const { data } = await model.predict(array(x.data, x.shape), { lengths: config.lengths! });
  expectRecorded(data, expected.out.data, { ...close, what: 'packed outputs of a state_dict' });
});
