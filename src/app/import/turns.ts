/**
 * Lets works that share a name run one after the other, in the order in which they were given; all others run at once. Two files that tell
 * of one person are then taken in the order of the files, however many people are under way.
 */
export function turns(): <T>(names: readonly string[], work: () => Promise<T>) => Promise<T> {
  const latest = new Map<string, Promise<unknown>>();
  return async (names, work) => {
    const before = names.flatMap((name) => latest.get(name) ?? []);
    const mine = Promise.allSettled(before).then(work);
    for (const name of names) latest.set(name, mine);
    try {
      return await mine;
    } finally {
      for (const name of names) if (latest.get(name) === mine) latest.delete(name);
    }
  };
}
