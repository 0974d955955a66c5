import * as random from "../ops/random.js";
import * as refill from "../ops/refill.js";

const { bernoulli, multinomial } = random;

/** Methods that draw random numbers. */
export const randomMethods = { bernoulli, multinomial, ...refill };
