/** A seeded source of random numbers (sfc32): the same seed gives the same numbers everywhere. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  /** How many numbers were left out and are still to be computed, before the next one is drawn. */
  #skipped = 0;

  /** @param seed any number; its 64 bits are used */
  constructor(seed: number) {
    const bits = new Uint32Array(new Float64Array([seed]).buffer);
    this.#a = bits[0];
    this.#b = bits[1];
    this.#c = 0x9e3779b9;
    this.#advance(16);
  }

  /** Where the source stands: four numbers of 32 bits. A source whose state is set to them goes on with the same numbers. */
  get state(): [number, number, number, number] {
    this.#catchUp();
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#counter >>> 0];
  }

  set state([a, b, c, counter]: readonly number[]) {
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#counter = counter;
    this.#skipped = 0;
  }

  /** Leaves out so many numbers that `integer` would give. They cost nothing until the next number is drawn. */
  skip(count: number): void {
    this.#skipped += count;
  }

  /** 32 random bits. */
  integer(): number {
    return this.#next();
  }

  /** A uniform random number, at least 0 and less than 1, with 53 random bits. */
  uniform(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** A normally distributed random number with mean 0 and variance 1 (Box & Muller 1958). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** The numbers 0 to count - 1 in random order (Fisher & Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const chosen = Math.floor(this.uniform() * (last + 1));
      [order[last], order[chosen]] = [order[chosen], order[last]];
    }
    return order;
  }

  #catchUp(): void {
    if (this.#skipped === 0) return;
    this.#advance(this.#skipped);
    this.#skipped = 0;
  }

  #advance(count: number): void {
    for (let n = 0; n < count; n++) this.#draw();
  }

  #next(): number {
    this.#catchUp();
    return this.#draw();
  }

  #draw(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}
