// Follows 200 machines in a worker, so that the page never waits for them. This file is the script of both.
if (typeof document === 'object') await followMachines();
else answer();

/** In the page: sends what all machines say, tick by tick, and counts wrong answers. */
async function followMachines() {
  const worker = new Worker(import.meta.url, { type: 'module' });
  const ask = (message) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message || 'the worker cannot be loaded'));
      worker.postMessage(message);
    });
  const machines = Array.from({ length: 200 }, () => ({ running: false }));
  let wrong = 0;
  for (let tick = 0; tick < 50; tick++) {
    const readings = machines.map((machine) => {
      const [start, stop] = [Math.random() < 0.05, Math.random() < 0.05];
      if (start || stop) machine.running = start;
      return [Number(start), Number(stop)];
    });
    const running = await ask(readings);
    machines.forEach((machine, n) => (wrong += machine.running === running[n] ? 0 : 1));
  }
  console.log(`${wrong} of ${50 * machines.length} answers are wrong`);
  worker.terminate();
}

/** In the worker: a stream for each machine, all of one network. Is the machine running? */
function answer() {
  const opened = open();
  onmessage = async ({ data: readings }) => {
    try {
      const { model, streams } = await opened;
      while (streams.length < readings.length) streams.push(model.openStream());
      const outputs = await model.pushAll(readings.map((reading, n) => [streams[n], reading]));
      postMessage(outputs.map(({ data }) => data[0] > 0.5));
    } catch (error) {
      reportError(error); // is told to the page, unlike a rejection
    }
  };
}

async function open() {
  // Import maps of a page do not hold in its workers. With a bundler this would be 'lstm-webgpu'.
  const { lstm, requestGpu, sequential } = await import('./lstm-webgpu.js');
  const model = await sequential(await requestGpu(), {
    inputShape: [null, 2],
    slots: { max: 1000 },
    layers: [lstm({ units: 1, stateful: true, returnSequences: true })],
    // Written by hand, gates i, f, c, o: each button overwrites the state, start with 1 and stop with 0.
    weights: [
      { data: [20, -20, 0, 0, 0, -20, 0, 0], shape: [2, 4] },
      { data: [0, 0, 0, 0], shape: [1, 4] },
      [-10, 10, 10, 10],
    ],
  });
  return { model, streams: [] };
}
