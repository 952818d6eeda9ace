package io.github.pgpure.convert;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The types and converters that all connections of a pool share: built-in ones, those added, and what was learned from the
 * server; thread-safe.
 *
 * <p>Readers work on an immutable {@link Snapshot}; a change publishes a new one, so a statement sees the old converters or
 * the new ones and never a mix.
 */
public final class TypeRegistry {

    private volatile Snapshot snapshot = new Snapshot();

    /** What is known now. */
    public Snapshot snapshot() {
        return snapshot;
    }

    /** Adds a converter, also for arrays of its type; it replaces an earlier one for the same type. */
    public void add(Converter<?> converter) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes sure that these types are known, asking the server for those that are not with one query.
     *
     * @param oids OIDs of types
     * @param lookup asks the server; called without any lock held
     * @return a snapshot that knows all of them
     */
    public Snapshot resolve(int[] oids, TypeLookup lookup) {
        throw new UnsupportedOperationException();
    }

    /**
     * The OID of the type with this name, as the session's search path finds it.
     *
     * @return empty when there is no such type
     */
    public OptionalInt findOid(String typeName, TypeLookup lookup) {
        throw new UnsupportedOperationException();
    }

    /** An immutable state of the registry. */
    public static final class Snapshot {

        Snapshot() {}

        /** The codec of a type, null when the type is not known yet and has to be {@linkplain TypeRegistry#resolve resolved}. */
        public @Nullable Codec codec(int oid) {
            return null;
        }
    }
}
