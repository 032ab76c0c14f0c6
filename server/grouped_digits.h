// The server's texts group digits as the models' do.

#ifndef MLP_SERVER_GROUPED_DIGITS_H_
#define MLP_SERVER_GROUPED_DIGITS_H_

#include "model/grouped_digits.h"  // IWYU pragma: export

#endif  // MLP_SERVER_GROUPED_DIGITS_H_
