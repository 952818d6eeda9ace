package io.github.pgpure.spring;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Makes an object of a notification's payload; thread-safe. */
@FunctionalInterface
public interface PayloadConverter {

    /**
     * @param payload the payload, possibly empty
     * @param type the type of the listener method's parameter
     * @return the object; null only where the payload says so
     */
    @Nullable
    Object convert(String payload, Type type);
}
