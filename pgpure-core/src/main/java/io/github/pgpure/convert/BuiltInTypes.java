package io.github.pgpure.convert;

import io.github.pgpure.convert.IntegerCodec.Kind;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * The types whose OIDs are the same in every database, so that no query has to look for them, and those of extensions, known by
 * their names (<a href="https://www.postgresql.org/docs/current/catalog-pg-type.html">pg_type</a>).
 */
final class BuiltInTypes {

    /** Where they are; every search path begins with it unless it says otherwise. */
    static final String SCHEMA = "pg_catalog";

    private static final Map<Integer, TypeInfo> TYPES = new HashMap<>();

    static {
        base("bool", 16, 1000);
        base("bytea", 17, 1001);
        base("char", 18, 1002);
        base("name", 19, 1003);
        base("int8", 20, 1016);
        base("int2", 21, 1005);
        base("int2vector", 22, 1006);
        base("int4", 23, 1007);
        base("regproc", 24, 1008);
        base("text", 25, 1009);
        base("oid", 26, 1028);
        base("tid", 27, 1010);
        base("xid", 28, 1011);
        base("cid", 29, 1012);
        base("oidvector", 30, 1013);
        base("json", 114, 199);
        base("xml", 142, 143);
        base("point", 600, 1017);
        base("lseg", 601, 1018);
        base("path", 602, 1019);
        derived("box", 603, 1020, TypeInfo.Kind.BASE, 0, ';');
        base("polygon", 604, 1027);
        base("line", 628, 629);
        base("cidr", 650, 651);
        base("float4", 700, 1021);
        base("float8", 701, 1022);
        base("unknown", 705, 0);
        base("circle", 718, 719);
        base("macaddr8", 774, 775);
        base("money", 790, 791);
        base("macaddr", 829, 1040);
        base("inet", 869, 1041);
        base("aclitem", 1033, 1034);
        base("bpchar", 1042, 1014);
        base("varchar", 1043, 1015);
        base("date", 1082, 1182);
        base("time", 1083, 1183);
        base("timestamp", 1114, 1115);
        base("timestamptz", 1184, 1185);
        base("interval", 1186, 1187);
        base("timetz", 1266, 1270);
        base("bit", 1560, 1561);
        base("varbit", 1562, 1563);
        base("numeric", 1700, 1231);
        base("refcursor", 1790, 2201);
        base("regprocedure", 2202, 2207);
        base("regoper", 2203, 2208);
        base("regoperator", 2204, 2209);
        base("regclass", 2205, 2210);
        base("regtype", 2206, 2211);
        base("cstring", 2275, 1263);
        base("void", 2278, 0);
        base("uuid", 2950, 2951);
        base("txid_snapshot", 2970, 2949);
        base("pg_lsn", 3220, 3221);
        base("tsvector", 3614, 3643);
        base("tsquery", 3615, 3645);
        base("regconfig", 3734, 3735);
        base("regdictionary", 3769, 3770);
        base("jsonb", 3802, 3807);
        base("jsonpath", 4072, 4073);
        base("regnamespace", 4089, 4090);
        base("regrole", 4096, 4097);
        base("regcollation", 4191, 4192);
        base("pg_snapshot", 5038, 5039);
        base("xid8", 5069, 271);
        base("record", 2249, 2287);
        range("int4", 3904, 3905, 23, 4451, 6150);
        range("num", 3906, 3907, 1700, 4532, 6151);
        range("ts", 3908, 3909, 1114, 4533, 6152);
        range("tstz", 3910, 3911, 1184, 4534, 6153);
        range("date", 3912, 3913, 1082, 4535, 6155);
        range("int8", 3926, 3927, 20, 4536, 6157);
    }

    private BuiltInTypes() {}

    private static void base(String name, int oid, int arrayOid) {
        derived(name, oid, arrayOid, TypeInfo.Kind.BASE, 0, ',');
    }

    private static void range(
            String prefix, int oid, int arrayOid, int subtype, int multirangeOid, int multirangeArrayOid) {
        derived(prefix + "range", oid, arrayOid, TypeInfo.Kind.RANGE, subtype, ',');
        derived(prefix + "multirange", multirangeOid, multirangeArrayOid, TypeInfo.Kind.MULTIRANGE, oid, ',');
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
        return TYPES.containsKey(type.oid()) ? builtIn(type, typeName) : extension(type, typeName);
    }

    /** A switch, since a table of factories would make an object and load a class for each type at every start, whatever is used of them. */
    private static ValueCodec builtIn(TypeInfo type, String typeName) {
        int oid = type.oid();
        return switch (type.name()) {
            case "bool" -> new BoolCodec(oid, typeName);
            case "bytea" -> new ByteaCodec(oid, typeName);
            case "char" -> new InternalCharCodec(oid, typeName);
            case "name", "text", "unknown", "bpchar", "varchar", "refcursor", "cstring" -> new TextCodec(oid, typeName);
            case "int2" -> new IntegerCodec(oid, typeName, Kind.INT2);
            case "int4" -> new IntegerCodec(oid, typeName, Kind.INT4);
            case "int8" -> new IntegerCodec(oid, typeName, Kind.INT8);
            case "oid", "xid", "cid" -> new IntegerCodec(oid, typeName, Kind.UNSIGNED4);
            case "xid8" -> new IntegerCodec(oid, typeName, Kind.UNSIGNED8);
            case "float4" -> new FloatCodec(oid, typeName, true);
            case "float8" -> new FloatCodec(oid, typeName, false);
            case "numeric" -> new NumericCodec(oid, typeName);
            case "uuid" -> new UuidCodec(oid, typeName);
            case "json" -> new JsonCodec(oid, typeName, false);
            case "jsonb" -> new JsonCodec(oid, typeName, true);
            case "date" -> new DateCodec(oid, typeName);
            case "time" -> new TimeCodec(oid, typeName);
            case "timetz" -> new TimetzCodec(oid, typeName);
            case "timestamp" -> new TimestampCodec(oid, typeName);
            case "timestamptz" -> new TimestamptzCodec(oid, typeName);
            case "interval" -> new IntervalCodec(oid, typeName);
            case "bit", "varbit" -> new BitCodec(oid, typeName);
            case "cidr" -> new NetworkCodec(oid, typeName, true);
            case "inet" -> new NetworkCodec(oid, typeName, false);
            case "point" -> new GeometricCodec(oid, typeName, Geometric.Point.class);
            case "lseg" -> new GeometricCodec(oid, typeName, Geometric.LineSegment.class);
            case "path" -> new GeometricCodec(oid, typeName, Geometric.Path.class);
            case "box" -> new GeometricCodec(oid, typeName, Geometric.Box.class);
            case "polygon" -> new GeometricCodec(oid, typeName, Geometric.Polygon.class);
            case "line" -> new GeometricCodec(oid, typeName, Geometric.Line.class);
            case "circle" -> new GeometricCodec(oid, typeName, Geometric.Circle.class);
            case "record" -> new RecordCodec(oid, typeName);
            case "macaddr", "macaddr8" -> new TextCodec(oid, typeName, BinaryText.MAC_ADDRESS);
            case "money" -> new TextCodec(oid, typeName, BinaryText.MONEY);
            case "tid" -> new TextCodec(oid, typeName, BinaryText.TID);
            case "pg_lsn" -> new TextCodec(oid, typeName, BinaryText.PG_LSN);
            case "int2vector", "oidvector" -> new TextCodec(oid, typeName, BinaryText.VECTOR_OF_NUMBERS);
            case "txid_snapshot", "pg_snapshot" -> new TextCodec(oid, typeName, BinaryText.SNAPSHOT);
            case "tsvector" -> new TextCodec(oid, typeName, TextSearchText::vector);
            case "tsquery" -> new TextCodec(oid, typeName, TextSearchText::query);
            case "jsonpath" -> new TextCodec(oid, typeName, BinaryText.VERSIONED);
            case "regproc",
                    "regprocedure",
                    "regoper",
                    "regoperator",
                    "regclass",
                    "regtype",
                    "regconfig",
                    "regdictionary",
                    "regnamespace",
                    "regrole",
                    "regcollation" -> new TextCodec(oid, typeName, BinaryText.NAMED_OBJECT);
            default -> asText(oid, typeName);
        };
    }

    private static ValueCodec extension(TypeInfo type, String typeName) {
        int oid = type.oid();
        return switch (type.name()) {
            case "hstore" -> new HstoreCodec(oid, typeName);
            case "citext" -> new TextCodec(oid, typeName);
            case "ltree", "lquery", "ltxtquery" -> new TextCodec(oid, typeName, BinaryText.VERSIONED);
            case "vector" -> new VectorCodec(oid, typeName);
            default -> asText(oid, typeName);
        };
    }

    /** What has no codec of its own arrives in text format. */
    static ValueCodec asText(int oid, String typeName) {
        return new TextCodec(oid, typeName, BinaryText.UNKNOWN);
    }
}
