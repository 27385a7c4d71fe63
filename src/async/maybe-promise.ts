/** What is known already comes at once, which costs a fraction of a promise. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** What `then` makes of a value, as soon as it is there. */
export function whenLoaded<Value, Result>(
  value: MaybePromise<Value>,
  then: (value: Value) => Result,
): MaybePromise<Result> {
  return value instanceof Promise ? value.then(then) : then(value);
}
