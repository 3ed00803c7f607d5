import { describe, expect, onTestFinished, test } from 'vitest';
import { adam, adamw, dense, rmsprop, sgd } from '../../../../src/index.ts';
import { Network } from '../../../../src/models/network/network.ts';
import { Plan } from '../../../../src/runtime/plan.ts';
import { entryOf, LayeredAgenda } from '../../../../src/models/execution/agenda.ts';
import { Compiled } from '../../../../src/models/execution/compiled.ts';
import { recordStep } from '../../../../src/models/execution/optimizer-step.ts';
import { Tensor } from '../../../../src/runtime/tensor.ts';
import { atOnce } from '../../../../src/runtime/slices.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { gradientsOfSteps, initialVariables, kerasOptimizers, optionsOf } from '../../../golden/keras-optimizers.ts';
import { gpu } from '../../gpu.ts';

const rules = { SGD: sgd, RMSprop: rmsprop, Adam: adam, AdamW: adamw };

/** A dense layer whose kernel [3, 2] and bias [2] are the recorded variables, given the recorded gradients. */
describe('an optimizer is that of Keras', () => {
  test.each(kerasOptimizers)('$optimizer', async (recorded) => {
    const { optimizer: name, config, after_each_step } = recorded;
    const rule = rules[name.split('_')[0] as keyof typeof rules];
    const network = new Network(gpu, [3], [dense({ units: 2 })], { ranges: 1 });
    const compiled = new Compiled(gpu, network, { optimizer: rule(optionsOf(recorded)), loss: 'meanSquaredError' });
    const agenda = new LayeredAgenda(gpu, 1, 1);
    const plan = new Plan(gpu);
    const scratch: Tensor[] = [];
    recordStep(plan, { frames: agenda.updates }, network.parameters, compiled, (label, shape) => {
      scratch.push(Tensor.create(gpu, label, shape));
      return scratch.at(-1)!;
    });
    onTestFinished(() => [network, compiled, agenda, ...scratch].forEach((item) => item.dispose()));
    await plan.ready();

    const { parameters } = network;
    const initial = initialVariables.map(({ shape, data }) => ({ shape, data: Float32Array.from(data) }));
    atOnce(parameters.put(parameters.check('test', initial)));
    for (const [index, wanted] of after_each_step.entries()) {
      gradientsOfSteps[index].forEach(({ data }, n) => {
        parameters.gradient.write(Float32Array.from(data), parameters.parts[n].offset);
      });
      const steps = compiled.nextSteps(1);
      compiled.iterations++;
      agenda.write(0, entryOf({ samples: [0], slots: 0, resets: [1], steps }));
      agenda.upload(1);
      gpu.submit('step', (pass) => plan.encode(pass, 0));
      (await parameters.read()).forEach(({ data }, n) => {
        expectRecorded(data, wanted[n].data, {
          // Keras takes 1 - 0.999^t in float32, 1.3e-5 off: a step as long as the learning rate is 6.4e-6 of that off.
          atol: 2e-6 + 10 * 6.4e-6 * config.learning_rate,
          rtol: 0,
          what: `Keras, ${name}`,
          reason: 'roundings of weights, and of the powers of beta in ten steps',
        });
      });
    }
    expect(after_each_step).toHaveLength(10);
  });
});
