/** Thrown where a command cannot be done as it was typed. Its message is for whoever typed it, in one line. */
export class WrongUse extends Error {
  override name = 'WrongUse';
}
