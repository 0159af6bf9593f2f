// Letters and digits that are hard to mistake for one another, so it can be copied by hand.
const ALPHABET = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const LENGTH = 20

/** A random password of 20 characters, about 116 bits. */
export function generatePassword(): string {
  let password = ''
  // Bytes beyond the largest multiple of the alphabet's size would favour its first letters.
  const limit = 256 - (256 % ALPHABET.length)
  while (password.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH))) {
      if (byte < limit && password.length < LENGTH) password += ALPHABET[byte % ALPHABET.length]
    }
  }
  return password
}
