package io.github.pgpure.spring.boot;

import io.github.pgpure.convert.TypeName;

/** Two converter beans want the same PostgreSQL type, so that which of them is used would depend on chance. */
public class DuplicateConverterException extends PgPureConfigurationException {

    private static final long serialVersionUID = 1L;

    /**
     * @param type the PostgreSQL type
     * @param firstBean the name of one bean
     * @param secondBean the name of the other
     */
    public DuplicateConverterException(TypeName type, String firstBean, String secondBean) {
        super(
                "The converter beans '" + firstBean + "' and '" + secondBean + "' both convert the PostgreSQL type '"
                        + type + "'.",
                "Remove one of them; where a name begins with '@PgType', remove that annotation from the class. A converter for "
                        + "another pool can be declared with @Bean(defaultCandidate = false) and added to that pool by PgPool.addConverter.",
                null);
    }
}
