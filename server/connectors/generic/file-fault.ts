/** A file that cannot be read as a whole; `message` is for people. Nothing of such a file is used. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
}
