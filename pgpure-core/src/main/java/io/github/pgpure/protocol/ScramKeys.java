package io.github.pgpure.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Remembers what SCRAM derives from a password, since thousands of rounds of hashing are all that makes a login expensive.
 * Implementations are thread-safe.
 */
public interface ScramKeys {

    /** Remembers nothing. */
    ScramKeys NONE = new ScramKeys() {
        @Override
        public @Nullable Keys get(Source source) {
            return null;
        }

        @Override
        public void put(Source source, Keys keys) {}
    };

    /** The keys derived from it earlier; null when they are not known. */
    @Nullable
    Keys get(Source source);

    /** Takes keys that the server has just proved to know too. */
    void put(Source source, Keys keys);

    /**
     * What keys are derived from; never shown.
     *
     * @param salt the salt in base64
     */
    record Source(String password, String salt, int iterations) {

        // A record's own are linked when they are first called, which takes a tenth of the time to the first row.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Source that
                    && iterations == that.iterations
                    && salt.equals(that.salt)
                    && password.equals(that.password);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * password.hashCode() + salt.hashCode()) + iterations;
        }

        @Override
        public String toString() {
            return "Source[]";
        }
    }

    /** What proves to each side that the other knows the password; never shown. */
    record Keys(byte[] clientKey, byte[] serverKey) {
        @Override
        public String toString() {
            return "Keys[]";
        }
    }
}
