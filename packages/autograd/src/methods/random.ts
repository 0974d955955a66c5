import * as random from "../ops/random.js";

const { uniform_, normal_, exponential_, bernoulli_, bernoulli, multinomial } = random;

/** Methods that draw random numbers. */
export const randomMethods = {
  uniform_,
  normal_,
  exponential_,
  bernoulli_,
  bernoulli,
  multinomial,
};
