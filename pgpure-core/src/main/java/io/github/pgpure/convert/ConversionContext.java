package io.github.pgpure.convert;

import java.time.ZoneId;
import java.util.Objects;

/**
 * What a converter may know about the session a value came from, or goes to; immutable.
 */
public final class ConversionContext {

    private final TypeRegistry.Snapshot types;
    private final ZoneId serverTimeZone;

    /** How many anonymous records are around a value: their nesting comes from the server, so it needs a limit. */
    private final int depth;

    private static final int MAX_DEPTH = 64;

    /**
     * @param types the types and converters known when the statement ran
     * @param serverTimeZone the session's {@code TimeZone}
     */
    public ConversionContext(TypeRegistry.Snapshot types, ZoneId serverTimeZone) {
        this(Objects.requireNonNull(types), Objects.requireNonNull(serverTimeZone), 0);
    }

    private ConversionContext(TypeRegistry.Snapshot types, ZoneId serverTimeZone, int depth) {
        this.types = types;
        this.serverTimeZone = serverTimeZone;
        this.depth = depth;
    }

    /** The context for what is inside an anonymous record. */
    ConversionContext nested() {
        if (depth == MAX_DEPTH) {
            throw new ValueException("more than " + MAX_DEPTH + " records are nested in it");
        }
        return new ConversionContext(types, serverTimeZone, depth + 1);
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
