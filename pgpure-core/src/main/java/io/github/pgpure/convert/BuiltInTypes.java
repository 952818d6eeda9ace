package io.github.pgpure.convert;

import io.github.pgpure.convert.IntegerCodec.Kind;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The types whose OIDs are the same in every database, so that no query has to look for them, and those of extensions, known by
 * their names (<a href="https://www.postgresql.org/docs/current/catalog-pg-type.html">pg_type</a>).
 */
final class BuiltInTypes {

    /** Where they are; every search path begins with it unless it says otherwise. */
    static final String SCHEMA = "pg_catalog";

    /** Makes a type's codec. */
    interface Factory {
        ValueCodec codec(int oid, String typeName);
    }

    private static final Factory TEXT = TextCodec::new;

    /** What has no codec of its own arrives in text format. */
    private static final Factory AS_TEXT = asText(BinaryText.UNKNOWN);

    private static final Map<Integer, TypeInfo> TYPES = new HashMap<>();
    private static final Map<Integer, Factory> FACTORIES = new HashMap<>();

    private static final Map<String, Factory> EXTENSIONS = Map.of(
            "hstore",
            HstoreCodec::new,
            "citext",
            TEXT,
            "ltree",
            asText(BinaryText.VERSIONED),
            "lquery",
            asText(BinaryText.VERSIONED),
            "ltxtquery",
            asText(BinaryText.VERSIONED),
            "vector",
            VectorCodec::new);

    static {
        base("bool", 16, 1000, BoolCodec::new);
        base("bytea", 17, 1001, ByteaCodec::new);
        base("char", 18, 1002, InternalCharCodec::new);
        base("name", 19, 1003, TEXT);
        base("int8", 20, 1016, integer(Kind.INT8));
        base("int2", 21, 1005, integer(Kind.INT2));
        base("int2vector", 22, 1006, asText(BinaryText.VECTOR_OF_NUMBERS));
        base("int4", 23, 1007, integer(Kind.INT4));
        base("regproc", 24, 1008, asText(BinaryText.NAMED_OBJECT));
        base("text", 25, 1009, TEXT);
        base("oid", 26, 1028, integer(Kind.UNSIGNED4));
        base("tid", 27, 1010, asText(BinaryText.TID));
        base("xid", 28, 1011, integer(Kind.UNSIGNED4));
        base("cid", 29, 1012, integer(Kind.UNSIGNED4));
        base("oidvector", 30, 1013, asText(BinaryText.VECTOR_OF_NUMBERS));
        base("json", 114, 199, (oid, name) -> new JsonCodec(oid, name, false));
        base("xml", 142, 143, AS_TEXT);
        base("point", 600, 1017, geometric(Geometric.Point.class));
        base("lseg", 601, 1018, geometric(Geometric.LineSegment.class));
        base("path", 602, 1019, geometric(Geometric.Path.class));
        add("box", 603, 1020, ';', geometric(Geometric.Box.class));
        base("polygon", 604, 1027, geometric(Geometric.Polygon.class));
        base("line", 628, 629, geometric(Geometric.Line.class));
        base("cidr", 650, 651, (oid, name) -> new NetworkCodec(oid, name, true));
        base("float4", 700, 1021, (oid, name) -> new FloatCodec(oid, name, true));
        base("float8", 701, 1022, (oid, name) -> new FloatCodec(oid, name, false));
        base("unknown", 705, 0, TEXT);
        base("circle", 718, 719, geometric(Geometric.Circle.class));
        base("macaddr8", 774, 775, asText(BinaryText.MAC_ADDRESS));
        base("money", 790, 791, asText(BinaryText.MONEY));
        base("macaddr", 829, 1040, asText(BinaryText.MAC_ADDRESS));
        base("inet", 869, 1041, (oid, name) -> new NetworkCodec(oid, name, false));
        base("aclitem", 1033, 1034, AS_TEXT);
        base("bpchar", 1042, 1014, TEXT);
        base("varchar", 1043, 1015, TEXT);
        base("date", 1082, 1182, DateCodec::new);
        base("time", 1083, 1183, TimeCodec::new);
        base("timestamp", 1114, 1115, TimestampCodec::new);
        base("timestamptz", 1184, 1185, TimestamptzCodec::new);
        base("interval", 1186, 1187, IntervalCodec::new);
        base("timetz", 1266, 1270, TimetzCodec::new);
        base("bit", 1560, 1561, BitCodec::new);
        base("varbit", 1562, 1563, BitCodec::new);
        base("numeric", 1700, 1231, NumericCodec::new);
        base("refcursor", 1790, 2201, TEXT);
        base("regprocedure", 2202, 2207, asText(BinaryText.NAMED_OBJECT));
        base("regoper", 2203, 2208, asText(BinaryText.NAMED_OBJECT));
        base("regoperator", 2204, 2209, asText(BinaryText.NAMED_OBJECT));
        base("regclass", 2205, 2210, asText(BinaryText.NAMED_OBJECT));
        base("regtype", 2206, 2211, asText(BinaryText.NAMED_OBJECT));
        base("cstring", 2275, 1263, TEXT);
        base("void", 2278, 0, AS_TEXT);
        base("uuid", 2950, 2951, UuidCodec::new);
        base("txid_snapshot", 2970, 2949, asText(BinaryText.SNAPSHOT));
        base("pg_lsn", 3220, 3221, asText(BinaryText.PG_LSN));
        base("tsvector", 3614, 3643, asText(TextSearchText::vector));
        base("tsquery", 3615, 3645, asText(TextSearchText::query));
        base("regconfig", 3734, 3735, asText(BinaryText.NAMED_OBJECT));
        base("regdictionary", 3769, 3770, asText(BinaryText.NAMED_OBJECT));
        base("jsonb", 3802, 3807, (oid, name) -> new JsonCodec(oid, name, true));
        base("jsonpath", 4072, 4073, asText(BinaryText.VERSIONED));
        base("regnamespace", 4089, 4090, asText(BinaryText.NAMED_OBJECT));
        base("regrole", 4096, 4097, asText(BinaryText.NAMED_OBJECT));
        base("regcollation", 4191, 4192, asText(BinaryText.NAMED_OBJECT));
        base("pg_snapshot", 5038, 5039, asText(BinaryText.SNAPSHOT));
        base("xid8", 5069, 271, integer(Kind.UNSIGNED8));
        base("record", 2249, 2287, RecordCodec::new);
        range("int4", 3904, 3905, 23, 4451, 6150);
        range("num", 3906, 3907, 1700, 4532, 6151);
        range("ts", 3908, 3909, 1114, 4533, 6152);
        range("tstz", 3910, 3911, 1184, 4534, 6153);
        range("date", 3912, 3913, 1082, 4535, 6155);
        range("int8", 3926, 3927, 20, 4536, 6157);
    }

    private BuiltInTypes() {}

    private static Factory integer(Kind kind) {
        return (oid, name) -> new IntegerCodec(oid, name, kind);
    }

    private static Factory asText(BinaryText binaryText) {
        return (oid, name) -> new TextCodec(oid, name, binaryText);
    }

    private static Factory geometric(Class<? extends Geometric> kind) {
        return (oid, name) -> new GeometricCodec(oid, name, kind);
    }

    private static void base(String name, int oid, int arrayOid, Factory factory) {
        add(name, oid, arrayOid, ',', factory);
    }

    private static void range(
            String prefix, int oid, int arrayOid, int subtype, int multirangeOid, int multirangeArrayOid) {
        derived(prefix + "range", oid, arrayOid, TypeInfo.Kind.RANGE, subtype, ',');
        derived(prefix + "multirange", multirangeOid, multirangeArrayOid, TypeInfo.Kind.MULTIRANGE, oid, ',');
    }

    private static void add(String name, int oid, int arrayOid, char delimiter, Factory factory) {
        FACTORIES.put(oid, factory);
        derived(name, oid, arrayOid, TypeInfo.Kind.BASE, 0, delimiter);
    }

    private static void derived(String name, int oid, int arrayOid, TypeInfo.Kind kind, int related, char delimiter) {
        TYPES.put(oid, TypeInfo.builtIn(oid, name, kind, related, delimiter));
        if (arrayOid != 0) {
            TYPES.put(arrayOid, TypeInfo.builtIn(arrayOid, "_" + name, TypeInfo.Kind.ARRAY, oid, delimiter));
        }
    }

    static Map<Integer, TypeInfo> types() {
        return Collections.unmodifiableMap(TYPES);
    }

    static boolean isName(String catalogName) {
        return TYPES.values().stream().anyMatch(type -> type.name().equals(catalogName));
    }

    /** The codec of a base type; text for one that is not known. */
    static ValueCodec base(TypeInfo type, String typeName) {
        Factory factory = FACTORIES.get(type.oid());
        if (factory == null) {
            factory = extension(type.name());
        }
        return (factory == null ? AS_TEXT : factory).codec(type.oid(), typeName);
    }

    static ValueCodec asText(int oid, String typeName) {
        return AS_TEXT.codec(oid, typeName);
    }

    private static @Nullable Factory extension(String name) {
        return EXTENSIONS.get(name);
    }
}
