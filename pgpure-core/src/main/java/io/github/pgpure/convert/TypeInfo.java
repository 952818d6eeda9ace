package io.github.pgpure.convert;

import java.util.List;

/**
 * What the server's catalogs say about a type; immutable.
 *
 * @param related the element's type of an array, the base type of a domain, the subtype of a range, the range of a multirange; else 0
 * @param delimiter what separates its values in the text of an array
 * @param visible whether the search path finds it by its bare name
 * @param members the attributes of a composite type, the labels of an enum; in order
 */
record TypeInfo(
        int oid,
        String schema,
        String name,
        Kind kind,
        int related,
        char delimiter,
        boolean visible,
        List<Member> members) {

    enum Kind {
        BASE,
        ARRAY,
        ENUM,
        DOMAIN,
        COMPOSITE,
        RANGE,
        MULTIRANGE,
        /** Pseudo-types and whatever a later server invents. */
        OTHER
    }

    /** An attribute, or a label (whose type is 0). */
    record Member(String name, int typeOid) {}

    static TypeInfo builtIn(int oid, String name, Kind kind, int related, char delimiter) {
        return new TypeInfo(oid, BuiltInTypes.SCHEMA, name, kind, related, delimiter, true, List.of());
    }

    boolean isNamed(TypeName type) {
        if (type.oid() != 0) {
            return type.oid() == oid;
        }
        String schemaWanted = type.schema();
        if (schemaWanted == null) {
            return visible && (name.equals(type.name()) || name.equals(SqlTypeNames.catalogName(type.name())));
        }
        return schemaWanted.equals(schema) && name.equals(type.name());
    }
}
