package io.github.pgpure.convert;

import java.time.ZoneId;
import java.util.Objects;

/**
 * What a converter may know about the session a value came from, or goes to; immutable.
 */
public final class ConversionContext {

    private final TypeRegistry.Snapshot types;
    private final ZoneId serverTimeZone;

    /**
     * @param types the types and converters known when the statement ran
     * @param serverTimeZone the session's {@code TimeZone}
     */
    public ConversionContext(TypeRegistry.Snapshot types, ZoneId serverTimeZone) {
        this.types = Objects.requireNonNull(types);
        this.serverTimeZone = Objects.requireNonNull(serverTimeZone);
    }

    /** The types and converters known when the statement ran. */
    public TypeRegistry.Snapshot types() {
        return types;
    }

    /** The session's {@code TimeZone}. */
    public ZoneId serverTimeZone() {
        return serverTimeZone;
    }
}
