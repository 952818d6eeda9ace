package io.github.pgpure.convert;

import io.github.pgpure.convert.IntegerCodec.Kind;

/**
 * The codecs of base types: of those of PostgreSQL itself, and of those of extensions that are known by their names.
 *
 * <p>A switch and not a table of constructors: each reference to one would be a class that is made when the first connection is opened.
 */
final class BaseCodecs {

    private BaseCodecs() {}

    /** The codec of a base type; what has none of its own arrives in text format. */
    static ValueCodec of(TypeInfo type, String typeName) {
        return BuiltInTypes.types().containsKey(type.oid())
                ? builtIn(type.name(), type.oid(), typeName)
                : extension(type.name(), type.oid(), typeName);
    }

    /** The codec of a type that nothing is known of. */
    static ValueCodec asText(int oid, String typeName) {
        return new TextCodec(oid, typeName, BinaryText.UNKNOWN);
    }

    private static ValueCodec builtIn(String name, int oid, String typeName) {
        return switch (name) {
            case "bool" -> new BoolCodec(oid, typeName);
            case "bytea" -> new ByteaCodec(oid, typeName);
            case "char" -> new InternalCharCodec(oid, typeName);
            case "name", "text", "unknown", "bpchar", "varchar", "refcursor", "cstring" -> new TextCodec(oid, typeName);
            case "int8" -> new IntegerCodec(oid, typeName, Kind.INT8);
            case "int2" -> new IntegerCodec(oid, typeName, Kind.INT2);
            case "int2vector", "oidvector" -> new TextCodec(oid, typeName, BinaryText.VECTOR_OF_NUMBERS);
            case "int4" -> new IntegerCodec(oid, typeName, Kind.INT4);
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
            case "oid", "xid", "cid" -> new IntegerCodec(oid, typeName, Kind.UNSIGNED4);
            case "tid" -> new TextCodec(oid, typeName, BinaryText.TID);
            case "json" -> new JsonCodec(oid, typeName, false);
            case "point" -> new GeometricCodec(oid, typeName, Geometric.Point.class);
            case "lseg" -> new GeometricCodec(oid, typeName, Geometric.LineSegment.class);
            case "path" -> new GeometricCodec(oid, typeName, Geometric.Path.class);
            case "box" -> new GeometricCodec(oid, typeName, Geometric.Box.class);
            case "polygon" -> new GeometricCodec(oid, typeName, Geometric.Polygon.class);
            case "line" -> new GeometricCodec(oid, typeName, Geometric.Line.class);
            case "cidr" -> new NetworkCodec(oid, typeName, true);
            case "float4" -> new FloatCodec(oid, typeName, true);
            case "float8" -> new FloatCodec(oid, typeName, false);
            case "circle" -> new GeometricCodec(oid, typeName, Geometric.Circle.class);
            case "macaddr8", "macaddr" -> new TextCodec(oid, typeName, BinaryText.MAC_ADDRESS);
            case "money" -> new TextCodec(oid, typeName, BinaryText.MONEY);
            case "inet" -> new NetworkCodec(oid, typeName, false);
            case "date" -> new DateCodec(oid, typeName);
            case "time" -> new TimeCodec(oid, typeName);
            case "timestamp" -> new TimestampCodec(oid, typeName);
            case "timestamptz" -> new TimestamptzCodec(oid, typeName);
            case "interval" -> new IntervalCodec(oid, typeName);
            case "timetz" -> new TimetzCodec(oid, typeName);
            case "bit", "varbit" -> new BitCodec(oid, typeName);
            case "numeric" -> new NumericCodec(oid, typeName);
            case "uuid" -> new UuidCodec(oid, typeName);
            case "txid_snapshot", "pg_snapshot" -> new TextCodec(oid, typeName, BinaryText.SNAPSHOT);
            case "pg_lsn" -> new TextCodec(oid, typeName, BinaryText.PG_LSN);
            case "tsvector" -> new TextCodec(oid, typeName, BinaryText.TSVECTOR);
            case "tsquery" -> new TextCodec(oid, typeName, BinaryText.TSQUERY);
            case "jsonb" -> new JsonCodec(oid, typeName, true);
            case "jsonpath" -> new TextCodec(oid, typeName, BinaryText.VERSIONED);
            case "xid8" -> new IntegerCodec(oid, typeName, Kind.UNSIGNED8);
            case "record" -> new RecordCodec(oid, typeName);
            default -> asText(oid, typeName);
        };
    }

    private static ValueCodec extension(String name, int oid, String typeName) {
        return switch (name) {
            case "hstore" -> new HstoreCodec(oid, typeName);
            case "citext" -> new TextCodec(oid, typeName);
            case "ltree", "lquery", "ltxtquery" -> new TextCodec(oid, typeName, BinaryText.VERSIONED);
            case "vector" -> new VectorCodec(oid, typeName);
            default -> asText(oid, typeName);
        };
    }
}
