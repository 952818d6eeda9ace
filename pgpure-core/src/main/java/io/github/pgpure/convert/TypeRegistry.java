package io.github.pgpure.convert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The types and converters that all connections of a pool share: built-in ones, those added, and what was learned from the
 * server; thread-safe.
 *
 * <p>Readers work on an immutable {@link Snapshot}; a change publishes a new one, so a statement sees the old converters or
 * the new ones and never a mix.
 */
public final class TypeRegistry {

    /** Held only while a snapshot is made and published, never while the server is asked. */
    private final ReentrantLock lock = new ReentrantLock();

    /** A lookup takes milliseconds, or a slow network's round trip; nobody must suffer long from another's dead connection. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Lookups lookups;

    private volatile Snapshot snapshot = new Snapshot(this, BuiltInTypes.types(), List.of(), null);

    /** A registry that knows the built-in types. */
    public TypeRegistry() {
        this(PATIENCE);
    }

    TypeRegistry(Duration patience) {
        this.lookups = new Lookups(patience);
    }

    /** What is known now. The same instance as before means that nothing has changed. */
    public Snapshot snapshot() {
        return snapshot;
    }

    /** Adds a converter, also for arrays of its type; it replaces an earlier one for the same type. */
    public void add(Converter<?> converter) {
        Objects.requireNonNull(converter.type(), "the converter's type");
        Objects.requireNonNull(converter.javaType(), "the converter's Java type");
        change(current -> current.with(converter));
    }

    /** Has JSON mapped to objects by this mapping from now on. */
    public void setJsonMapping(JsonMapping mapping) {
        Objects.requireNonNull(mapping, "mapping");
        change(current -> current.with(mapping));
    }

    /**
     * Makes sure that these types are known, asking the server for those that are not with one query. Where another
     * session is asking for a type already, its answer is waited for, a second at most.
     *
     * @param oids OIDs of types
     * @param lookup asks the server; called without any lock held
     * @param limitNanos how long the caller can wait, in nanoseconds
     * @return a snapshot that knows all of them
     */
    public Snapshot resolve(int[] oids, TypeLookup lookup, long limitNanos) {
        long began = System.nanoTime();
        List<Integer> unknown = snapshot.unknown(oids);
        Collection<CountDownLatch> overdue = Set.of();
        while (!unknown.isEmpty()) {
            Lookups.Claim claim = lookups.claim(unknown, overdue);
            try (claim) {
                // Between the look and the claim another one may have got an answer.
                learn(snapshot.unknown(claim.mine()), lookup);
            }
            overdue = claim.awaitOthers(limitNanos - (System.nanoTime() - began));
            // What others asked for is known by now, or they failed.
            unknown = snapshot.unknown(oids);
        }
        return snapshot;
    }

    Snapshot resolve(int[] oids, TypeLookup lookup) {
        return resolve(oids, lookup, Long.MAX_VALUE);
    }

    private void learn(List<Integer> unknown, TypeLookup lookup) {
        if (unknown.isEmpty()) {
            return;
        }
        Map<Integer, TypeInfo> found = TypeQuery.read(lookup.query(TypeQuery.sql(unknown)));
        for (int oid : unknown) {
            // Dropped meanwhile: its values are on the wire already, and arrive as text.
            found.computeIfAbsent(
                    oid,
                    gone -> new TypeInfo(
                            gone,
                            "",
                            "oid " + Integer.toUnsignedString(gone),
                            TypeInfo.Kind.OTHER,
                            0,
                            ',',
                            true,
                            List.of()));
        }
        change(current -> current.with(found));
    }

    /** Forgets a type whose attributes are no longer these, and what is made of it, so that they are looked up again. */
    private void forget(int oid, List<TypeInfo.Member> attributes) {
        change(current -> {
            TypeInfo type = current.types.get(oid);
            // Rows that were read before may find the same out later: the type has been looked up again meanwhile.
            return type != null && type.members() == attributes ? current.without(oid) : current;
        });
    }

    /** Publishes what this makes of the present snapshot; the server is never asked meanwhile. */
    private void change(UnaryOperator<Snapshot> change) {
        lock.lock();
        try {
            snapshot = change.apply(snapshot);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The OID of the type with this name, as the session's search path finds it.
     *
     * @param typeName the name as SQL has it: {@code hstore}, {@code app.mood}, {@code "Mixed Case"}, {@code int4[]}
     * @return empty when there is no such type
     */
    public OptionalInt findOid(String typeName, TypeLookup lookup) {
        // An E'' string means the same whatever standard_conforming_strings says.
        String literal = "E'" + typeName.replace("\\", "\\\\").replace("'", "''") + "'";
        List<@Nullable String[]> rows = lookup.query("select pg_catalog.to_regtype(" + literal + ")::pg_catalog.oid");
        String oid = rows.isEmpty() || rows.get(0).length == 0 ? null : rows.get(0)[0];
        return oid == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseUnsignedInt(oid));
    }

    /** An immutable state of the registry. */
    public static final class Snapshot {

        private final TypeRegistry registry;
        private final Map<Integer, TypeInfo> types;
        private final List<Converter<?>> converters;
        private final @Nullable JsonMapping jsonMapping;

        /** An open-addressed table of the types that are known, so that finding a codec boxes nothing; 0 where there is none. */
        private final int[] oids;

        /** The codecs of those, null until they are first asked for. */
        private final AtomicReferenceArray<@Nullable ValueCodec> codecs;

        private final CodecBuilder builder;

        private Snapshot(
                TypeRegistry registry,
                Map<Integer, TypeInfo> types,
                List<Converter<?>> converters,
                @Nullable JsonMapping jsonMapping) {
            this.registry = registry;
            this.jsonMapping = jsonMapping;
            this.types = types;
            this.converters = converters;
            this.builder = new CodecBuilder(types, converters);
            int capacity = Integer.highestOneBit(types.size() * 4);
            this.oids = new int[capacity];
            this.codecs = new AtomicReferenceArray<>(capacity);
            for (int oid : types.keySet()) {
                oids[slot(oid)] = oid;
            }
        }

        /** Stands for the types that are known: another object when another type is, or one was forgotten. */
        public Object knownTypes() {
            return types;
        }

        /** The codec of a type, null when the type is not known yet and has to be {@linkplain TypeRegistry#resolve resolved}. */
        public @Nullable Codec codec(int oid) {
            return valueCodec(oid);
        }

        @Nullable
        ValueCodec valueCodec(int oid) {
            int at = slot(oid);
            ValueCodec codec = codecs.get(at);
            if (codec == null && oids[at] != 0) {
                codec = builder.build(oid);
                codecs.set(at, codec);
            }
            return codec;
        }

        /** The codec of the type with this name, null when there is none that is known. */
        @Nullable
        ValueCodec find(TypeName name) {
            for (TypeInfo type : types.values()) {
                if (type.isNamed(name)) {
                    return valueCodec(type.oid());
                }
            }
            return null;
        }

        /** Where this OID is, or belongs. */
        private int slot(int oid) {
            int mask = oids.length - 1;
            int at = (oid * 0x9E3779B9 >>> 7) & mask;
            while (oids[at] != 0 && oids[at] != oid) {
                at = (at + 1) & mask;
            }
            return at;
        }

        List<Integer> unknown(int[] wanted) {
            return Arrays.stream(wanted)
                    .filter(oid -> oid != 0 && !types.containsKey(oid))
                    .distinct()
                    .boxed()
                    .toList();
        }

        List<Integer> unknown(List<Integer> wanted) {
            return wanted.stream().filter(oid -> !types.containsKey(oid)).toList();
        }

        /** The application's own; null for Jackson's defaults. */
        @Nullable
        JsonMapping jsonMapping() {
            return jsonMapping;
        }

        Snapshot with(JsonMapping mapping) {
            return new Snapshot(registry, types, converters, mapping);
        }

        Snapshot with(Converter<?> converter) {
            List<Converter<?>> more = new ArrayList<>(converters);
            more.removeIf(earlier -> earlier.type().equals(converter.type()));
            more.add(converter);
            return new Snapshot(registry, types, List.copyOf(more), jsonMapping);
        }

        /** Types known already stay as they are: several sessions may have asked at once. */
        Snapshot with(Map<Integer, TypeInfo> found) {
            if (types.keySet().containsAll(found.keySet())) {
                return this;
            }
            Map<Integer, TypeInfo> more = new HashMap<>(found);
            more.putAll(types);
            return new Snapshot(registry, Map.copyOf(more), converters, jsonMapping);
        }

        private Snapshot without(int oid) {
            Set<Integer> gone = new HashSet<>(Set.of(oid));
            boolean more = true;
            while (more) {
                more = false;
                for (TypeInfo type : types.values()) {
                    if (gone.contains(type.related())
                            || type.members().stream().anyMatch(member -> gone.contains(member.typeOid()))) {
                        more |= gone.add(type.oid());
                    }
                }
            }
            Map<Integer, TypeInfo> left = new HashMap<>(types);
            left.keySet().removeAll(gone);
            return new Snapshot(registry, Map.copyOf(left), converters, jsonMapping);
        }

        /** Has the registry look a type up again, since a value of it does not fit what is known. */
        void forget(int oid, List<TypeInfo.Member> attributes) {
            registry.forget(oid, attributes);
        }
    }
}
