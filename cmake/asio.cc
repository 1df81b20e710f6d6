// The one place where Boost.Asio and Boost.Beast are compiled; everyone else sees declarations.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
