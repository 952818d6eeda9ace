package io.github.pgpure.bench;

/**
 * What a client must be able to do to be measured; every method blocks its caller.
 *
 * <p>A workload for which a client has no API is left out, and reported as such. Thread-safe once open.
 */
interface PeerClient extends AutoCloseable {

    String SELECT = "select randomnumber from world where id = ";
    String TRANSACTION_SELECT = "select randomnumber from worldtx where id = ";
    String INSERT = "insert into ins (id, v, t) values ";
    String COPY = "copy copyt (id, v, t) from stdin";

    /** Makes the client and its pool. A constructor by name: classes of other clients are not on the class path. */
    static PeerClient open(Cell cell, int connections, ServerAddress server) {
        try {
            PeerClient client = (PeerClient) Class.forName(cell.client().className())
                    .getDeclaredConstructor()
                    .newInstance();
            client.open(connections, cell.variant(), server);
            return client;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static String update(String value, String id) {
        return "update worldtx set randomnumber = " + value + " where id = " + id;
    }

    void open(int connections, String variant, ServerAddress server);

    /** Selects one row of {@code world} by its key. */
    int select(int id) throws Exception;

    /** The same select for each of the keys, together where the client can; the sum of the values. */
    long selectMany(int[] ids) throws Exception;

    /** Makes Java objects of all columns (int8, text, numeric, timestamptz, bool, float8, uuid, jsonb); the sum of the first. */
    long fetchWide(String sql) throws Exception;

    /** Streams rows of two int4 in bounded memory; the sum of the first. */
    long stream(String sql) throws Exception;

    /** Inserts rows as {@link Line} says into {@code ins}, as one batch in one transaction. */
    void insertBatch(int rows) throws Exception;

    /** Copies text into {@code copyt}; the number of rows. */
    default long copyIn(byte[] text) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Copies rows as {@link Line} says into {@code copyt}, from Java values; the number of rows. */
    default long copyRows(int rows) throws Exception {
        throw new UnsupportedOperationException();
    }

    /** Takes a connection from the pool and gives it back. */
    void checkout() throws Exception;

    /** Begins, updates a row of {@code worldtx}, selects it, commits; the value selected. */
    int transaction(int id, int value) throws Exception;

    /** Runs a statement that is not measured. */
    void execute(String sql) throws Exception;

    @Override
    void close() throws Exception;
}
