/** A statement of the driver, which it settles by calling these; the published types do not show them. */
interface Settled {
  resolve: (answer: unknown) => void;
}

type Callable = (...args: unknown[]) => unknown;

const isStatement = (made: unknown): made is Settled =>
  made instanceof Promise && 'resolve' in made && typeof made.resolve === 'function';

/**
 * The same pool or connection, whose answers begin with their first row. The driver (postgres 3.4.9) counts the rows of an answer in a
 * variable that it sets back only at the answer's end. When an answer ends early, because the connection broke or the server failed in
 * the middle of its rows, the next one on that connection has as many empty places before its first row: `[row]` is undefined, and what
 * is there looks as if it were not. The rows themselves are right, so the empty places are taken away.
 */
export function wholeRows<Sql extends object>(sql: Sql): Sql {
  return new Proxy(sql, {
    apply: (target, self, args) => whole(Reflect.apply(target as Callable, self, args)),
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (name !== 'unsafe') return value;
      return (...args: unknown[]) => whole(Reflect.apply(value as Callable, target, args));
    },
  });
}

function whole<T>(made: T): T {
  if (!isStatement(made)) return made;
  const { resolve } = made;
  made.resolve = (answer) => {
    withoutEmptyPlaces(answer);
    resolve(answer);
  };
  return made;
}

/** Several statements in one text have an answer each; only the first can be displaced. */
function withoutEmptyPlaces(answer: unknown): void {
  if (!Array.isArray(answer) || answer.length === 0) return;
  if (!(0 in answer))
    answer.splice(
      0,
      answer.findIndex((_, i) => i in answer),
    );
  else if (Array.isArray(answer[0])) withoutEmptyPlaces(answer[0]);
}
