package io.github.pgpure.spring.boot.types;

import io.github.pgpure.convert.PgType;

/** Found by its annotation; one constant has a body, so that the enum's class is not final. */
@PgType("mood")
public enum Mood {
    HAPPY,
    SAD {
        @Override
        public String toString() {
            return ":-(";
        }
    }
}
