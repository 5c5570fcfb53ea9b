/** Names of options that do not exist. TypeScript refuses them where they are written in place; JavaScript, and a spread, would ignore them. */

/** All options of a type by name: the compiler sees to it that none is missing. */
export function optionNames<Options>(names: { readonly [name in keyof Required<Options>]: true }): readonly string[] {
  return Object.keys(names)
}

/** One problem for each option that has no such name, as `there is no option "compresion", did you mean "compression"`. */
export function unknownOptions(given: unknown, names: readonly string[]): readonly string[] {
  if (typeof given !== 'object' || given === null)
    return [`the options are ${given === null ? 'null' : `of type ${typeof given}`}`]
  return Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = names.find((known) => areAlike(name, known))
      return `there is no option "${name}", ${meant === undefined ? `but ${names.join(', ')}` : `did you mean "${meant}"`}`
    })
}

/** But for upper and lower case, and one letter that is missing, added, replaced or swapped with the next one. */
function areAlike(name: string, known: string): boolean {
  const [one, other] = [name.toLowerCase(), known.toLowerCase()]
  let same = 0
  while (same < one.length && one[same] === other[same]) same++
  const [ofOne, ofOther] = [one.slice(same), other.slice(same)]
  const swapped = `${ofOne[1]}${ofOne[0]}${ofOne.slice(2)}`
  return [ofOne.slice(1), ofOne].includes(ofOther.slice(1)) || ofOne.slice(1) === ofOther || swapped === ofOther
}
