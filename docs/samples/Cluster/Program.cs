// A shop of three processes, a payment service of two, their clients and Redis, all killed at random.
// Without the name of a role, this program is the supervisor: it starts the others, kills them, and looks in the end whether the books agree.
using Cluster;

return args switch
{
    [ShopRole.Name, .. var rest] => await ShopRole.RunAsync(rest),
    [PaymentsRole.Name, .. var rest] => await PaymentsRole.RunAsync(rest),
    [ClientRole.Name, .. var rest] => await ClientRole.RunAsync(rest),
    _ => await Supervisor.RunAsync(args),
};
