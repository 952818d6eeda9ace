package io.github.pgpure;

/**
 * Describes one column of a result
 * (<a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">RowDescription</a>).
 *
 * @param name the column's name or alias
 * @param typeOid the OID of its data type; a domain appears as its base type
 * @param typeModifier the type modifier ({@code pg_attribute.atttypmod}), -1 for none
 * @param tableOid the OID of the table it comes from, or 0
 * @param attributeNumber its attribute number in that table, or 0
 */
public record Column(String name, int typeOid, int typeModifier, int tableOid, short attributeNumber) {}
